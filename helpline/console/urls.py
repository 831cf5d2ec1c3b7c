"""The console's routes. Every one needs a login but the login itself and the health check."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, path

from helpline.console import actions, agreement, case, dashboard, health, history, live, queue, review, verdicts

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
    path("review/", review.page, name="review"),
    path("review/conversations/<int:conversation_id>/", review.conversation, name="review-conversation"),
    path("review/messages/<int:message_id>/", verdicts.message, name="review-message"),
    path("review/messages/<int:message_id>/verdict", verdicts.judge, name="verdict"),
    path("review/agreement", agreement.page, name="agreement"),
    path("review/export", agreement.export, name="review-export"),
    path("dashboard/", dashboard.page, name="dashboard"),
    path("dashboard/csv", dashboard.as_csv, name="dashboard-csv"),
    path("live/queue", live.queue, name="live-queue"),
    path("live/cases/<int:case_id>", live.case, name="live-case"),
    path("login", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("health", health.health, name="health"),
]
