package tracking

import "strings"

// Check says what of the device can't be stored, as a [FieldError]. It does not look
// at the UID ([CheckUID]) and the phone number.
func (d Device) Check() error {
	if err := CheckText("display_name", d.DisplayName); err != nil {
		return err
	}
	if d.IMEI != "" && (len(d.IMEI) != 15 || strings.Trim(d.IMEI, "0123456789") != "") {
		// Its check digit isn't looked at: cheap units have wrong ones.
		return invalid("imei", "give the 15 digits that the unit's label shows")
	}
	if len(d.Model) > maxUID || strings.Trim(d.Model, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return invalid("model", "use at most 63 lower-case letters, digits and hyphens, as in concox; the templates of commands are by model")
	}
	return d.Limits.check()
}

// Check says what of the vehicle can't be stored, as a [FieldError].
func (v Vehicle) Check() error {
	if err := CheckText("display_name", v.DisplayName); err != nil {
		return err
	}
	return CheckText("plate", v.Plate)
}
