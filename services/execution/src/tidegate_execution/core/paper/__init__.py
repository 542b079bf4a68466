"""The paper venue: a venue like any other, behind the same port."""
