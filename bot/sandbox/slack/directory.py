"""Who and what exists in the workspace: people, user groups, conversations and who is in them."""

from dataclasses import replace

from .changes import Changes
from .ids import BOT_USER, TEAM
from .records import Conversation, Member, Usergroup


class Directory:
    """Keep the people, groups and conversations; every change goes through here."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.people: dict[str, Member] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.conversations: dict[str, Conversation] = {}
        self.usergroups_in_plan = True

    def add_person(self, member: Member) -> Member:
        with self._changes.changing():
            self.people[member.id] = member
        return member

    def deactivate(self, user_id: str) -> None:
        """Deactivate a person; user groups lose them, as Slack does it."""
        with self._changes.changing():
            self.people[user_id] = replace(self.people[user_id], deleted=True)
            for group in self.usergroups.values():
                self.set_group_members(group.id, *(u for u in group.users if u != user_id))

    def add_usergroup(self, group: Usergroup) -> Usergroup:
        with self._changes.changing():
            self.usergroups[group.id] = group
        return group

    def set_group_members(self, group_id: str, *users: str) -> None:
        with self._changes.changing():
            self.usergroups[group_id] = replace(self.usergroups[group_id], users=users)

    def disable_usergroup(self, group_id: str, *, disabled: bool = True) -> None:
        with self._changes.changing():
            self.usergroups[group_id] = replace(self.usergroups[group_id], disabled=disabled)

    def add_conversation(self, conversation: Conversation) -> Conversation:
        with self._changes.changing():
            self.conversations[conversation.id] = conversation
        return conversation

    def join(self, channel_id: str, *users: str) -> None:
        with self._changes.changing():
            there = self.conversations[channel_id]
            new = tuple(u for u in users if u not in there.members)
            self.conversations[channel_id] = replace(there, members=there.members + new)

    def leave(self, channel_id: str, *users: str) -> None:
        with self._changes.changing():
            there = self.conversations[channel_id]
            members = tuple(m for m in there.members if m not in users)
            self.conversations[channel_id] = replace(there, members=members)

    def archive(self, channel_id: str, *, archived: bool = True) -> None:
        with self._changes.changing():
            self.conversations[channel_id] = replace(self.conversations[channel_id], is_archived=archived)

    def open_im(self, user_id: str) -> tuple[Conversation, bool]:
        """Return the bot's direct message with a person and whether it was there before."""
        with self._changes.changing():
            for there in self.conversations.values():
                if there.im_with == user_id:
                    return there, True
            new = Conversation(id=f"D{user_id[1:]}", name=user_id, members=(user_id, BOT_USER), im_with=user_id)
            return self.add_conversation(new), False

    def is_member(self, channel_id: str, user_id: str) -> bool:
        conversation = self.conversations.get(channel_id)
        return conversation is not None and user_id in conversation.members

    def visible_to_bot(self, channel_id: str) -> Conversation | None:
        """Return the conversation unless it is unknown or private and the bot is outside."""
        there = self.conversations.get(channel_id)
        if there is None or (there.kind != "channels" and BOT_USER not in there.members):
            return None
        return there

    def is_external(self, user_id: str) -> bool:
        return self.people[user_id].team_id != TEAM

    def person_named(self, name: str) -> Member | None:
        """Find a person by id, handle or first name, as a reader would name them."""
        wanted = name.lstrip("@").lower()
        for member in self.people.values():
            if wanted in (member.id.lower(), member.name.lower(), member.real_name.lower()):
                return member
        return None
