package postgres

// LiveOfPosition is for tests that store a fix without a store.
const LiveOfPosition = liveOfPosition

// SweepLock is for tests that are another process.
const SweepLock int64 = sweepLock
