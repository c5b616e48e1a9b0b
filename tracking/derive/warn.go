package derive

// call states a call for help. Each fix that says so is one, so that a second is told
// when somebody has seen to the first.
func call(f *fold) bool {
	f.hold(SOS, false, 0)
	f.hold(SOS, f.fix.Signals.Alarm == SOS, 0)
	return true
}

// judge states a condition that a reading decides, when there is one, or that the unit
// warns of by itself. A warning is of a moment, as units seldom say that it is over: the
// next fix without it ends what it began.
func (f *fold) judge(c Condition, known, holds bool, value float64) {
	warns, read := f.fix.Signals.Alarm == c, known && holds
	if !known && !warns && !f.state.Warned.Has(c) {
		return
	}
	alone := !f.state.Holds.Has(c) || f.state.Warned.Has(c)
	f.state.Warned = f.state.Warned.with(c, warns && !read && alone)
	f.hold(c, warns || read, value)
}
