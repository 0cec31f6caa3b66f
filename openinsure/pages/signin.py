"""/login, /login/confirm, /logout, /auth/exchange: how a person gets in and out."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from openinsure.accounts import bearer, factors, middleware, operations, sessions, stepup, trail
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.identity import Identity
from openinsure.authz.decorators import allow_anyone, allow_signed_in
from openinsure.console import links
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import BadForm, Forbidden, NeedsSignIn, NotFound, Problem, TooMany

FIELD_CHARS_MAX = 1_024
RESUMED = "resume."  # prefix of the fields of the form that /login/confirm interrupted
RESUMED_FIELDS_MAX = 200


def landing(wanted: str) -> str:
    """Where to go after signing in: a path of this site, else home."""
    return wanted if links.is_local(wanted) and not wanted.startswith("/log") else "/"


def _field(request: HttpRequest, name: str, ask: str, errors: dict[str, str]) -> str:
    value = request.POST.get(name, "")
    if not value.strip():
        errors[name] = ask
    elif len(value) > FIELD_CHARS_MAX or "\0" in value:
        errors[name] = f"must be at most {FIELD_CHARS_MAX} readable characters"
    return value


@require_http_methods(["GET", "HEAD", "POST"])
@allow_anyone
def login(request: HttpRequest) -> HttpResponse:
    """The form; POST opens a session and goes to `next`."""
    ask = cast(ConsoleRequest, request)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if request.method != "POST":
        if ask.who is not None:
            return HttpResponseRedirect(landing(wanted))
        return _form(ask, wanted, expired=getattr(request, "session_is_over", False))
    try:
        signed_in = _sign_in(request)
    except factors.CodeNeeded as needed:
        return _code_form(ask, wanted, needed.proof)
    except Problem as problem:
        if wants_json(request) or not isinstance(
            problem, (BadForm, TooMany, Forbidden, NeedsSignIn)
        ):
            raise
        if "proof" in request.POST and isinstance(problem, (BadForm, TooMany)):
            return _code_form(ask, wanted, request.POST["proof"], problem=problem)
        return _form(ask, wanted, problem=problem)
    if ask.who is not None and ask.who.via == "session":
        sessions.end(ask.who.user_id, ask.who.session_id)
    middleware.give_key(request, signed_in.key)
    return HttpResponseRedirect(landing(wanted), status=303)


def _sign_in(request: HttpRequest) -> operations.SignedIn:
    errors: dict[str, str] = {}
    if "proof" in request.POST:
        code = _field(request, "code", "Enter the code of your app.", errors)
        if errors:
            raise BadForm(errors)
        proof, now = request.POST["proof"], timezone.now()
        return operations.sign_in_with_code(proof, code, now=now, origin=trail.origin_of(request))
    email = _field(request, "email", "Enter your e-mail address.", errors)
    password = _field(request, "password", "Enter your password.", errors)
    if errors:
        raise BadForm(errors)
    return operations.sign_in(email, password, now=timezone.now(), origin=trail.origin_of(request))


def _form(
    request: ConsoleRequest, wanted: str, *, problem: Problem | None = None, expired: bool = False
) -> HttpResponse:
    response = render_page(
        request,
        "signin/login.html",
        status=problem.status if problem else 200,
        errors=problem.errors if isinstance(problem, BadForm) else {},
        refusal=problem.message if problem and not isinstance(problem, BadForm) else "",
        refusal_code=problem.code if problem else "",
        email=request.POST.get("email", "")[:FIELD_CHARS_MAX],
        next=wanted if links.is_local(wanted) else "",
        expired=expired,
    )
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after_s)
    return response


def _code_form(
    request: ConsoleRequest, wanted: str, proof: str, *, problem: BadForm | TooMany | None = None
) -> HttpResponse:
    """The second step. JSON callers get the same proof to send back with the code."""
    response = render_page(
        request,
        "signin/code.html",
        data={"error": factors.CodeNeeded.code, "proof": proof},
        status=problem.status if problem else 401,
        errors=problem.errors if isinstance(problem, BadForm) else {},
        refusal=problem.message if isinstance(problem, TooMany) else "",
        proof=proof[:FIELD_CHARS_MAX],
        next=wanted if links.is_local(wanted) else "",
    )
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after_s)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@allow_signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """The password once more, then on to `next`; a form that was interrupted is resumed.

    A view that needs it sends the browser here by 307, so the first POST carries that form.
    """
    ask = cast(ConsoleRequest, request)
    who = cast(Identity, ask.who)  # allow_signed_in
    wanted = landing(request.POST.get("confirm_next") or request.GET.get("next", ""))
    resumed = _resumed(request)
    if "confirm_password" not in request.POST:
        return _confirm_form(ask, wanted, resumed)
    if who.via != "session":
        raise Forbidden("A token cannot be confirmed. Ask for a new one.", code="session_only")
    try:
        errors: dict[str, str] = {}
        password = _field(request, "confirm_password", "Enter your password.", errors)
        if errors:
            raise BadForm(errors)
        key = operations.step_up(
            who,
            password,
            now=timezone.now(),
            origin=trail.origin_of(request),
            code=request.POST.get("confirm_code", "")[:FIELD_CHARS_MAX],
        )
    except NotFound:
        raise NeedsSignIn("The session ended. Sign in again.") from None
    except (BadForm, TooMany) as problem:
        if wants_json(request):
            raise
        return _confirm_form(ask, wanted, resumed, problem=problem)
    middleware.give_key(request, key)
    if resumed:
        return render_page(ask, "signin/resume.html", next=wanted, resumed=resumed)
    return HttpResponseRedirect(wanted, status=303)


def _resumed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the interrupted form, by 307 (bare) or back from our page (prefixed)."""
    ours = "confirm_password" in request.POST
    pairs = [
        (name.removeprefix(RESUMED) if ours else name, str(value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and name.startswith(RESUMED) is ours
    ]
    if len(pairs) > RESUMED_FIELDS_MAX:
        raise BadForm({"confirm_password": f"follows a form of over {RESUMED_FIELDS_MAX} fields"})
    return pairs


def _errors(problem: Problem | None) -> dict[str, str]:
    return problem.errors if isinstance(problem, BadForm) else {}


def _confirm_form(
    request: ConsoleRequest,
    wanted: str,
    resumed: list[tuple[str, str]],
    *,
    problem: BadForm | TooMany | None = None,
) -> HttpResponse:
    wrong = {f"confirm_{k.removeprefix('confirm_')}": rule for k, rule in _errors(problem).items()}
    response = render_page(
        request,
        "signin/confirm.html",
        status=problem.status if problem else 200,
        errors=wrong,
        refusal=problem.message if isinstance(problem, TooMany) else "",
        next=wanted,
        resumed=resumed,
        prefix=RESUMED,
        email=request.who.email if request.who else "",
        with_code=request.who is not None and factors.has(request.who.user_id),
        minutes=int(stepup.FRESH.total_seconds() // 60),
    )
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after_s)
    return response


@require_POST
@allow_anyone
def logout(request: HttpRequest) -> HttpResponse:
    """End this session; a second press is no error."""
    who = cast(ConsoleRequest, request).who
    if who is not None and who.via == "session":
        operations.sign_out(who, now=timezone.now(), origin=trail.origin_of(request))
    middleware.take_key(request)
    return HttpResponseRedirect("/login", status=303)


@csrf_exempt
@require_POST
@allow_anyone
def exchange(request: HttpRequest) -> HttpResponse:
    """A session for a token (bearer, or field `token`), once per jti.

    The identity service's own page may post here, so instead of a CSRF token the Origin must be
    ours or the issuer's.
    """
    _refuse_foreign_origin(request)
    now, origin = timezone.now(), trail.origin_of(request)
    token = request.POST.get("token", "")
    if "HTTP_AUTHORIZATION" in request.META:
        token = bearer.token_of(request.META["HTTP_AUTHORIZATION"])
    if not token:
        raise BadForm({"token": "must be given, or an Authorization header"})
    believed = bearer.believe(token, now=now, origin=origin)
    signed_in = operations.exchange(believed.identity, believed.claims, now=now, origin=origin)
    middleware.give_key(request, signed_in.key)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return HttpResponseRedirect(landing(wanted), status=303)


def _refuse_foreign_origin(request: HttpRequest) -> None:
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.get_host()}"
    issuer = urlsplit(token_rules().issuer)
    if origin is not None and origin not in (own, f"{issuer.scheme}://{issuer.netloc}"):
        raise Forbidden("This sign-in came from another site.", code="foreign_origin")


urlpatterns = [
    path("login", login, name="signin.login"),
    path("login/confirm", confirm, name="signin.confirm"),
    path("logout", logout, name="signin.logout"),
    path("auth/exchange", exchange, name="signin.exchange"),
]
