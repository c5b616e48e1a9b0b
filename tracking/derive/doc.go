// Package derive works out what follows from a device's fixes: which are to be
// believed, how far it went, its trips and stops, which zones it came into and left,
// where it went too fast, and what its sensors said.
//
// It is one fold over the fixes in the order of their times. Each step of [steps] is a
// function of the state and the next fix, which changes the state and states facts;
// nothing else is looked at, no clock either. So what follows is a function of the set
// of fixes by construction, as long as they are folded in order.
//
// Fixes that come in order are folded as they come, by [Follow], from the state that
// was kept. One that comes late is folded by a [Revision]: it goes back to a state that
// was kept from before it, folds on from there twice side by side, without what came
// late and with it, until both agree again, and the difference is what to correct.
package derive
