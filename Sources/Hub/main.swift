print("Hub")
