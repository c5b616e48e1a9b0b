// Package charset makes the GSM 7-bit tables of github.com/warthog618/sms before two goroutines can.
//
// That library makes each table when it is first used, in globals and without a lock: with two modems that is a data
// race. Once made they are only read.
package charset

import (
	"sync"

	"github.com/warthog618/sms/encoding/gsm7/charset"
)

// prepare is global because what it guards is.
var prepare = sync.OnceFunc(func() { //nolint:gochecknoglobals // The tables are globals of the process, so their guard has to be.
	charset.DefaultDecoder()
	charset.DefaultEncoder()
	charset.DefaultExtEncoder()
	for language := charset.Start; language < charset.End; language++ {
		charset.NewDecoder(language)
		charset.NewEncoder(language)
		charset.NewExtEncoder(language)
	}
})

// Prepare makes the tables. Whoever encodes or decodes calls it first; only the first call does anything.
func Prepare() { prepare() }
