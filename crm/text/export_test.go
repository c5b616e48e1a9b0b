package text

import "strings"

// What answers are measured by.
func Fits(s string) bool   { return fits(s) }
func Count(s string) int   { return parts(s) }
func Fold(s string) string { return fold(s) }

// PageWords are the sentences that the tracking page has, too, as it writes them.
func PageWords(language string) []string {
	w := wordsOf(language)
	all := []string{
		w.notYetMade, w.madeAt, w.made, w.storedAt, w.onTheWay, w.onTheWayNear, w.onTheWayAt, w.deliveredAt, w.delivered,
		w.installedAt, w.installed, w.returned, w.at, w.inside, w.offset, w.damaged, w.wrong, w.attemptFail, w.silence,
		strings.ReplaceAll(w.placeUnknown, "'", "’") + w.end, w.since, w.handedOver,
	}
	return append(all, w.compass[:]...)
}

// Fixed are the answers that have nothing filled in.
func Fixed(language string) []string {
	w := wordsOf(language)
	return []string{w.unknownCode, w.howToTrack, w.stopped, w.started, w.tooMany, w.later, w.help}
}
