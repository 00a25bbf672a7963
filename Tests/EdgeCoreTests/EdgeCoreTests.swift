// EdgeCore
