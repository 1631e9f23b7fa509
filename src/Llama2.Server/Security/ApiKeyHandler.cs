using System.Security.Claims;
using System.Text.Encodings.Web;
using Llama2.Server.Errors;
using Llama2.Server.Writing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Llama2.Server.Security;

/// <summary>
/// Authenticates requests by a key in the header <c>Authorization: Bearer</c> or <c>x-api-key</c>. The user's name identifier is the key's name. A missing, a
/// malformed and an unknown key have the same answer, so that the sender of a wrong key learns nothing. The base class logs nothing, because each request has
/// an entry anyway.
/// </summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, ApiKeyStore keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    private const string BearerPrefix = "Bearer ";

    /// <summary>The name of a user's key; null if the user has none. Users of other schemes may be persons, who need not be named in logs.</summary>
    public static string? KeyNameOf(ClaimsPrincipal user) =>
        user.Identities.FirstOrDefault(identity => identity is { IsAuthenticated: true, AuthenticationType: LlamaApiKeyDefaults.AuthenticationScheme })?.Name;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string? key = KeyOf(Request.Headers);
        // A missing key takes as long as a wrong one.
        string? name = keys.FindName(key ?? "");
        return Task.FromResult(
            name is not null ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(IdentityOf(name)), Scheme.Name))
            : key is null ? AuthenticateResult.NoResult()
            : AuthenticateResult.Fail("The API key is not one of the server's."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return ErrorForm.WriteAsync(Context, Failure.Of(RequestException.NoKey(), ""));
    }

    // Anthropic's clients send x-api-key. A header Authorization of another scheme, such as that of a proxy, is ignored.
    private static string? KeyOf(IHeaderDictionary headers)
    {
        string authorization = headers.Authorization.ToString();
        if (authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
            return authorization[BearerPrefix.Length..].Trim();
        return headers.TryGetValue("x-api-key", out var key) ? key.ToString() : null;
    }

    private ClaimsIdentity IdentityOf(string name) => new(
        [new Claim(ClaimTypes.NameIdentifier, name, ClaimValueTypes.String, ClaimsIssuer), new Claim(ClaimTypes.Name, name, ClaimValueTypes.String, ClaimsIssuer)],
        Scheme.Name);
}
