// Package pattern has formats of texts that operators teach: a regular expression whose named groups say what is what.
//
// A [Pattern] is what an operator writes, and [Compile] checks it: it must find a position or raise an alarm, its time
// must be readable in one way, and it must match the example that it comes with. Expressions are those of RE2, which take
// time in proportion to the text, however they are written. A [Book] has the patterns of the database at hand and tries
// them on the texts that no built-in format could read. A [Teacher] adds patterns, tries them on a text or on rejected
// input before they go live, and recovers what was rejected before.
//
// docs/FORMATS.md has the groups with examples.
package pattern
