// Package customer has the customers, the people there (contacts), and the places
// where orders go (sites).
package customer
