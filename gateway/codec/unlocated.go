package codec

// Unlocated says that the message was understood, raises an alarm, and holds no position of now: the button was pressed
// in a garage. It is an ErrNoFix that somebody has to hear of.
type Unlocated struct { //nolint:errname // an answer, which travels as an error
	// Alarm is a word of package alarm.
	Alarm string
}

// Error gives the alarm.
func (u *Unlocated) Error() string { return "an alarm without a fix: " + u.Alarm }

// Is makes it an ErrNoFix.
func (u *Unlocated) Is(target error) bool { return target == ErrNoFix }

// NoFix is ErrNoFix, or an [*Unlocated] when there is an alarm.
func NoFix(alarm string) error {
	if alarm == "" {
		return ErrNoFix
	}
	return &Unlocated{Alarm: alarm}
}
