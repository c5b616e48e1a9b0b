// Package optout has the list of numbers that want no messages. Whatever sends a text
// that nobody asked for looks here first; [Refuses] is the question.
package optout
