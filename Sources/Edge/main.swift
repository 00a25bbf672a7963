print("Edge")
