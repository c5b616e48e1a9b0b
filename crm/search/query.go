package search

// best is the highest score, that of an order's number in full.
const best = 1000

// query finds hits with a score. The parameters: 1 the text, 2 what begins with it, 3
// what contains it, as patterns; 4 the text as it is; 5 a whole phone number; 6 the
// end of one backwards, as a pattern; 7 a customer's id to keep to, or empty; 8 how
// many candidates of each way; 9, 10, 11 score, kind and id after which the page
// begins; 12 how many.
//
// Each branch uses one index: trigrams for what contains the text (or, for names,
// resembles it), text patterns for ends of phone numbers.
const query = `
with hit (score, kind, id) as (
	(select case when id ilike $1 then 1000 when id ilike $2 then 800 else 600 end, 'order', id
	 from crm.orders where id ilike $3 and ($7 = '' or customer = $7) limit $8)
	union all
	(select case when reference ilike $1 then 950 when reference ilike $2 then 750 else 550 end, 'order', id
	 from crm.orders where reference <> '' and reference ilike $3 and ($7 = '' or customer = $7) limit $8)
	union all
	(select case when display_name ilike $1 then 900 when display_name ilike $2 then 700 when display_name ilike $3 then 500
	        else (450 * word_similarity($4, display_name))::int end, 'customer', id
	 from crm.customer where (display_name ilike $3 or $4 <% display_name) and ($7 = '' or id = $7) limit $8)
	union all
	(select case when display_name ilike $1 then 850 when display_name ilike $2 then 650 when display_name ilike $3 then 450
	        else (400 * word_similarity($4, display_name))::int end, 'customer', customer
	 from crm.contact where (display_name ilike $3 or $4 <% display_name) and ($7 = '' or customer = $7) limit $8)
	union all
	(select case when phone = $5 then 940 else 640 end, 'customer', id
	 from crm.customer where phone <> '' and $6 <> '' and reverse(phone) like $6 and ($7 = '' or id = $7) limit $8)
	union all
	(select case when phone = $5 then 920 else 620 end, 'customer', customer
	 from crm.contact where phone <> '' and $6 <> '' and reverse(phone) like $6 and ($7 = '' or customer = $7) limit $8)
), ranked as (
	select max(score) as score, kind, id from hit group by kind, id
)
select score, kind, id from ranked
where (-score, kind, id) > (-$9::int, $10, $11)
order by score desc, kind, id
limit $12`
