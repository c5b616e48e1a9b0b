package main

import "strings"

// trimName takes the id out of a resource name. People type both.
func trimName(name, collection string) string { return strings.TrimPrefix(name, collection) }
