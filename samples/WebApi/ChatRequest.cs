using System.ComponentModel.DataAnnotations;

namespace WebApi;

/// <summary>The body of POST /chat.</summary>
/// <param name="Messages">The conversation so far; the last message is the user's, and is answered.</param>
public sealed record ChatRequest([property: Required, Length(1, 100)] IReadOnlyList<Turn> Messages) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Messages.Contains(null!))
            yield return new ValidationResult("A message is null.", [nameof(Messages)]);
        else if (Messages[^1].Role != "user")
            yield return new ValidationResult("The last message must be the user's.", [nameof(Messages)]);
    }
}
