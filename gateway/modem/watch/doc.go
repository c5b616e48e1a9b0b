// Package watch says what of the modems needs a hand: conditions that hold, with a beginning and an end.
//
// They are found from the modems' status alone, so that they show in metrics, logs and readiness while the database is
// away; the rows that operators list and acknowledge follow when it is back.
package watch
