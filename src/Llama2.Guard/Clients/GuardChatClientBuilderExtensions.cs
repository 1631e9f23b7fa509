using Llama2.Guard;

namespace Microsoft.Extensions.AI;

/// <summary>Adds a guard to the pipeline of a chat client.</summary>
public static class GuardChatClientBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="GuardedChatClient"/>. Middleware that is added before the guard sees only what the guard has passed. Add it after
    /// <c>UseFunctionInvocation()</c>, so that calls are judged before they are executed, and results before the model reads them.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="guard">The guard.</param>
    /// <param name="options">How to guard; null for the defaults.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseGuard(this ChatClientBuilder builder, IContentGuard guard, GuardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(guard);
        return builder.Use(inner => new GuardedChatClient(inner, guard, options));
    }

    /// <summary>Adds a <see cref="GuardedChatClient"/> whose guard is a service of the application.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">How to guard; null for the defaults.</param>
    /// <returns>The builder. Building the client throws if no <see cref="IContentGuard"/> is registered.</returns>
    public static ChatClientBuilder UseGuard(this ChatClientBuilder builder, GuardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => new GuardedChatClient(
            inner,
            (IContentGuard?)services.GetService(typeof(IContentGuard)) ?? throw new InvalidOperationException("No IContentGuard is registered. Register one, or pass a guard to UseGuard."),
            options));
    }
}
