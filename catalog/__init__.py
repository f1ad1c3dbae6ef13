"""What a request may choose from: avatars and voices."""
