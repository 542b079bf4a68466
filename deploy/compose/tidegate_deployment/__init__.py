"""The deploy job of the containers: it prepares everything that a service may not make itself."""
