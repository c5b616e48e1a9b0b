// Package outbound sends texts: to people, and commands to units.
//
// What is to be sent is queued in the database ([Desk]) and handed to the modems part by part ([Dispatcher]), each modem
// at its own pace, commands first. A part is in one pair of hands at a time: who takes it marks the text as being sent
// before the modem gets it, and every change names the version that it changes. A part that was refused is sent again; one
// whose fate was not learned never is, and its text is called unknown. Delivery reports ([Reports]) and the answers of
// units come later and by other ways, and find their text by what the network gave.
package outbound
