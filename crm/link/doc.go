// Package link has tracking links: addresses by which whoever has one sees where one
// order is. The secret in them is unguessable and stored only as a hash; a link can
// be revoked and expires. Each has a code beside it that a person can type on a phone,
// for asking by text.
package link
