"""The console's routes. Every one needs a login but the login itself, an invitation and the health check."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path

from helpline.console import (
    account,
    actions,
    audit_page,
    case,
    health,
    history,
    live,
    login,
    privacy,
    queue,
    second_factor_pages,
    staff,
)

urlpatterns: list[URLPattern] = [
    path("", queue.page, name="queue"),
    path("queue/rows", queue.rows, name="queue-rows"),
    path("conversations/", history.page, name="history"),
    path("cases/<int:case_id>/", case.page, name="case"),
    path("cases/<int:case_id>/transcript", case.transcript, name="case-transcript"),
    path("cases/<int:case_id>/claim", actions.claim, name="case-claim"),
    path("cases/<int:case_id>/reply", actions.reply, name="case-reply"),
    path("cases/<int:case_id>/typing", actions.typing, name="case-typing"),
    path("cases/<int:case_id>/return", actions.return_to_assistant, name="case-return"),
    path("cases/<int:case_id>/resolve", actions.resolve, name="case-resolve"),
    path("live/queue", live.queue, name="live-queue"),
    path("live/cases/<int:case_id>", live.case, name="live-case"),
    path("conversations/<int:conversation_id>/erase", privacy.page, name="erase"),
    path("conversations/<int:conversation_id>/erase-now", privacy.erase, name="erase-now"),
    path("conversations/<int:conversation_id>/export", privacy.export, name="export"),
    path("audit/", audit_page.page, name="audit"),
    path("staff/", staff.page, name="staff"),
    path("staff/invite", staff.invite, name="staff-invite"),
    path("staff/<int:user_id>/", staff.member, name="staff-member"),
    path("staff/<int:user_id>/link", staff.link, name="staff-link"),
    path("staff/<int:user_id>/role", staff.role, name="staff-role"),
    path("staff/<int:user_id>/close", staff.close, name="staff-close"),
    path("staff/<int:user_id>/reopen", staff.reopen, name="staff-reopen"),
    path("staff/<int:user_id>/sign-out", staff.sign_out, name="staff-sign-out"),
    path("staff/<int:user_id>/second-factor", staff.remove_second_factor, name="staff-second-factor"),
    path("account/", account.page, name="account"),
    path("account/name", account.name, name="account-name"),
    path("account/password", account.Password.as_view(), name="account-password"),
    path("account/sign-out", account.sign_out, name="account-sign-out"),
    path("account/second-factor/", second_factor_pages.page, name="second-factor"),
    path("account/second-factor/begin", second_factor_pages.begin, name="second-factor-begin"),
    path("account/second-factor/confirm", second_factor_pages.confirm, name="second-factor-confirm"),
    path("account/second-factor/codes", second_factor_pages.codes, name="second-factor-codes"),
    path("account/second-factor/remove", second_factor_pages.remove, name="second-factor-remove"),
    path("invitation/<uidb64>/<token>", account.Invitation.as_view(), name="invitation"),
    path("login", login.Login.as_view(), name="login"),
    path("login/code", login.code, name="login-code"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("health", health.health, name="health"),
]
