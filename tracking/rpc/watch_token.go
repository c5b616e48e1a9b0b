package rpc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"waybill/internal/paging"
	"waybill/tracking"
)

// watchToken is where a reader of positions is.
type watchToken struct {
	Hub      string `json:"h"`
	Sequence uint64 `json:"s"`
	// Filter tells apart what was asked for: with another filter there is more that
	// the reader doesn't know than what has changed.
	Filter string `json:"f,omitempty"`
}

func resumeToken(cursor tracking.Cursor, filter tracking.Filter) (string, error) {
	return paging.Encode(watchToken{Hub: cursor.Hub, Sequence: cursor.Sequence, Filter: digest(filter)})
}

// cursorOf reads a token; one that can't be read is of no more use than none.
func cursorOf(token string, filter tracking.Filter) (tracking.Cursor, bool) {
	var t watchToken
	if token == "" || paging.Decode(token, &t) != nil || t.Filter != digest(filter) {
		return tracking.Cursor{}, false
	}
	return tracking.Cursor{Hub: t.Hub, Sequence: t.Sequence}, true
}

func digest(filter tracking.Filter) string {
	if filter.Box == nil && len(filter.Vehicles) == 0 && !filter.Own {
		return ""
	}
	sum := sha256.New()
	_, _ = fmt.Fprint(sum, filter.Own, filter.Vehicles, filter.Box)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
