package postgres

// LiveOfPosition is for tests that store a fix without a store.
const LiveOfPosition = liveOfPosition
