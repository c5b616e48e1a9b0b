package customer

import (
	"strings"
	"time"

	"golang.org/x/text/language"

	"waybill/crm"
	"waybill/crm/phone"
)

// Customer is who buys.
type Customer struct {
	ID          string
	DisplayName string
	// Language is what the customer reads, BCP 47.
	Language string
	// Phone is in E.164, or empty.
	Phone      string
	Email      string
	CreateTime time.Time
	UpdateTime time.Time
}

// Contact is a person at a customer.
type Contact struct {
	Customer    string
	ID          string
	DisplayName string
	// Phone is in E.164, or empty.
	Phone string
	Email string
	// Language is what the person reads, BCP 47; the customer's when empty.
	Language string
}

// Site is a place of a customer.
type Site struct {
	Customer    string
	ID          string
	DisplayName string
	Address     string
	Ground      crm.Ground
}

const (
	maxText    = 500
	maxAddress = 2000
	// DefaultLanguage is that of customers of whom nobody said.
	DefaultLanguage = "en"
)

// person is what customers and contacts have in common.
type person struct {
	name, language, phone, email *string
}

// check completes the fields and notes what is wrong with them.
func (p person) check(c *crm.Checks, field string, region phone.Region) {
	*p.name = strings.TrimSpace(*p.name)
	c.That(*p.name != "" && len(*p.name) <= maxText, field+".display_name", "give a name of at most 500 bytes")
	if *p.language != "" {
		tag, err := language.Parse(*p.language)
		c.That(err == nil, field+".language", "use a language tag of BCP 47 such as zh or en")
		if err == nil {
			*p.language = tag.String()
		}
	}
	number, err := region.Normalize(*p.phone)
	if err != nil {
		c.That(false, field+".phone", err.Error())
	}
	*p.phone = number
	local, domain, found := strings.Cut(*p.email, "@")
	c.That(*p.email == "" || found && local != "" && domain != "" && len(*p.email) <= maxText && !strings.ContainsAny(*p.email, " \r\n"),
		field+".email", "write it as name@example.com, or leave it empty")
}
