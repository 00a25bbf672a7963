print("Feeder")
