// Package text talks with customers by SMS. The [Desk] takes what people write: TRACK
// and a code is answered with where the order is, STOP and START keep the opt-out list,
// HELP says so, and what else a known number writes is kept for the staff. The [Post]
// takes what goes to people, and the [Carrier] hands it to the gateway.
//
// A text is taken once, by the gateway's id of it: what it changes, the answer, and the
// note of both are one transaction. The answer is a row of an outbox that the carrier
// empties, with a request id that follows from the text's id; so whatever is killed in
// between, it is answered once.
//
// What a person asked for is answered even if the number has opted out: TRACK, HELP,
// STOP and START themselves. Everything else respects the list, when it is written and
// again before it goes.
//
// No answer of ours is read as a question ([Read]), so two machines can't keep each
// other talking; and whatever comes, how much is answered is limited, by number and in
// all.
package text
