from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from automations.tag_step import TagStep

if TYPE_CHECKING:
    from automations.place import Place


class RemoveTag(TagStep):
    """Take a tag from the customer; who does not have it is left alone."""

    type = "remove_tag"
    label = gettext_lazy("Remove tag")
    help = gettext_lazy("Whoever does not have it goes on.")
    did = gettext_lazy("Took away “%s”")
    nothing_to_do = gettext_lazy("The customer does not have this tag.")

    class Meta:
        verbose_name = gettext_lazy("tag to remove")
        verbose_name_plural = gettext_lazy("tags to remove")

    def changes(self, place: "Place") -> bool:
        return place.untag(self.tag)
