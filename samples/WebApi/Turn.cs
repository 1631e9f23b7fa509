using System.ComponentModel.DataAnnotations;

namespace WebApi;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">The author's role.</param>
/// <param name="Text">The text.</param>
public sealed record Turn(
    [property: Required, AllowedValues("user", "assistant")] string Role,
    [property: Required, StringLength(10_000)] string Text);
