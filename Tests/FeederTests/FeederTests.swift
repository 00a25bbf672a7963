// Feeder
