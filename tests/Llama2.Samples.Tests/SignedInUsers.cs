using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Llama2.Samples.Tests;

/// <summary>Signs in each request as a user: the first request as the first of the given users, and so on.</summary>
/// <param name="users">The identifier of each user.</param>
internal sealed class SignedInUsers(params Claim[] users) : IStartupFilter
{
    private int _next;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, goOn) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([users[_next++]], "test"));
            return goOn(context);
        });
        next(app);
    };
}
