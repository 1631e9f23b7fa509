using System.ComponentModel.DataAnnotations;

namespace WebApi;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said.</param>
public sealed record Turn(
    [property: Required, AllowedValues("user", "assistant")] string Role,
    [property: Required, StringLength(10_000)] string Text);
