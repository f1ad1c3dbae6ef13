"""Long videos that many workers make together: who cuts them, does the parts and joins them, and where parts lie."""
