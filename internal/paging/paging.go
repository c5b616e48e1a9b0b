// Package paging gives list methods their page sizes and opaque page tokens
// (AIP-158).
package paging

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrToken says that a page token was not one that the method gave out.
var ErrToken = errors.New("the page token is not one that this method returned; start again without it")

// Encode makes a token that holds the position v, which must be a value that
// encoding/json can write and read.
func Encode(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// Decode reads the position that Encode wrote into v. An empty token leaves v as
// it is. The error is [ErrToken] for anything else that Encode did not write.
func Decode(token string, v any) error {
	if token == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return ErrToken
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return ErrToken
	}
	return nil
}

// Size is the page size to use for the requested one: usual when it is zero or
// less, and never more than most.
func Size(requested int32, usual, most int) int {
	if requested <= 0 {
		return usual
	}
	return min(int(requested), most)
}

// Cut takes rows that were read with one more than size, and returns the page and,
// when there is more, the token of the last row on it.
func Cut[T any](rows []T, size int, position func(T) any) (page []T, next string, err error) {
	if len(rows) <= size {
		return rows, "", nil
	}
	page = rows[:size]
	next, err = Encode(position(page[size-1]))
	return page, next, err
}
