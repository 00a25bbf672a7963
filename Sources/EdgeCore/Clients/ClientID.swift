public import Primitives

/// A client of a worker.
public typealias ClientID = SlotID<ClientSession>
