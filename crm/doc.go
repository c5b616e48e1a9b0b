// Package crm is the domain of customers and of what they have ordered. Its concerns
// are in subpackages (customer, facility, order, custody, location, link, place,
// search, text, optout, interaction), each with its storage beside it; here stand the few things that all of
// them share: resource names, ground, and errors that a caller can ask about.
package crm
