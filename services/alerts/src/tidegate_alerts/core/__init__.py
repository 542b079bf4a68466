"""What people must know, pure: messages in, alerts and deliveries out."""
