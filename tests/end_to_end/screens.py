"""What a visitor and a responder see and do, in the words of their screens."""

from __future__ import annotations

from typing import Any

from tests.browser import Record

ANSWER_MS = 20_000


class Chat:
    """The widget on a page. Playwright's locators look into its shadow root."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.page = record.page
        self.box = self.page.get_by_label("Your message")
        self.log = self.page.get_by_role("log", name="Conversation")
        self.rows = self.log.locator("li")
        self.status = self.page.locator("helpline-chat #status")

    @property
    def texts(self) -> list[str]:
        """What the rows say, in their order on the screen."""
        return [body.inner_text() for body in self.log.locator("li .body").all()]

    @property
    def conversation(self) -> str:
        """The key of the conversation, as this tab keeps it."""
        return str(self.page.evaluate("JSON.parse(sessionStorage.getItem('helpline-chat')).conversation"))

    def start(self) -> None:
        """Begin the chat and wait for the first words."""
        self.page.get_by_role("button", name="Start chat").click()
        self.log.locator(".bot").first.wait_for()

    def say(self, text: str) -> None:
        """Write a message and send it with Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str, author: str = "bot") -> Any:
        """Send a message and return the first row of that author below it."""
        self.say(text)
        return self.reply_to(text, author)

    def reply_to(self, text: str, author: str = "bot") -> Any:
        """Return the first row of that author below what the visitor wrote last in these words."""
        own = self.log.locator("li.visitor", has=self.page.get_by_text(text, exact=True)).last
        reply = own.locator(f"xpath=following-sibling::li[contains(@class, '{author}')]").first
        reply.wait_for(timeout=ANSWER_MS)
        return reply

    def note(self, text: str) -> Any:
        """Return the line under a message of the visitor that tells what became of it."""
        return self.log.locator("li.visitor", has=self.page.get_by_text(text, exact=True)).last.locator(".note")


class Console:
    """The staff console in a browser of its own."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.page = record.page
        self.box = self.page.get_by_label("Reply to the visitor")
        self.messages = self.page.locator("#messages > li")

    def log_in(self, name: str, password: str) -> None:
        """Log in, and wait until the queue is live."""
        self.page.goto("/login")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.wait_until_live()

    def wait_until_live(self) -> None:
        """Wait until the page follows what happens."""
        self.page.get_by_text("Live", exact=True).wait_for()

    def open(self, number: int) -> None:
        """Go to a case."""
        self.page.goto(f"/cases/{number}/")
        self.wait_until_live()

    def claim(self) -> None:
        """Take the case that is open on the screen."""
        self.page.get_by_role("button", name="Claim the case").click()
        self.box.wait_for()
        self.wait_until_live()

    def reply(self, text: str) -> Any:
        """Write to the visitor, and return the row that shows it."""
        self.box.fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        row = self.page.locator(".from-responder", has_text=text)
        row.wait_for()
        return row

    def end(self, how: str) -> None:
        """End the case: "Return to the assistant" or "Resolve"."""
        self.page.get_by_text(f"{how}…").click()
        if how == "Resolve":
            self.page.get_by_label("How did it end for the visitor?").select_option("Safe for now")
        self.page.get_by_role("button", name=f"Yes, {how.lower()}").click()
        self.page.wait_for_url("**/")
