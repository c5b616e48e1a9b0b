package derive

// drive begins another track when the device is on another vehicle: what the former one
// does from here on nobody sees.
func drive(f *fold) bool {
	if f.state.Vehicle == f.fix.Vehicle || f.state.Last.IsZero() {
		return true
	}
	f.finish(f.state.Last)
	f.state.Motion = Motion{}
	return true
}
