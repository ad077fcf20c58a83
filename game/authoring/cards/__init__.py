"""Character Cards (V1, V2 and V3; JSON, PNG and CHARX) as characters of a world."""
