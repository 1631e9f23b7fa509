using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Llama2.Samples.Tests;

/// <summary>Signs each request in as the next of some users.</summary>
/// <param name="users">What identifies each.</param>
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
