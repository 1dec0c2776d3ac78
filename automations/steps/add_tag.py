from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from automations.tag_step import TagStep

if TYPE_CHECKING:
    from automations.place import Place


class AddTag(TagStep):
    """Give the customer a tag; who has it already keeps it."""

    type = "add_tag"
    label = gettext_lazy("Add tag")
    help = gettext_lazy("Tags can be asked for in conditions.")
    did = gettext_lazy("Tagged “%s”")
    nothing_to_do = gettext_lazy("The customer has this tag.")

    class Meta:
        verbose_name = gettext_lazy("tag to add")
        verbose_name_plural = gettext_lazy("tags to add")

    def changes(self, place: "Place") -> bool:
        return place.tag(self.tag)
