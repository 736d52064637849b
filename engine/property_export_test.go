package engine

// Replay is what Verify compares a record with.
var Replay = (*Engine).replay
