namespace Llama2.Guard;

/// <summary>The categories of findings of a <see cref="RuleGuard"/> that are not from block lists or patterns.</summary>
public static class RuleCategories
{
    /// <summary>Keys, tokens, private keys and passwords.</summary>
    public static GuardCategory Secret { get; } = new("secret", "Secrets");

    /// <summary>Data that identify a person.</summary>
    public static GuardCategory PersonalData { get; } = new("personal-data", "Personal Data");

    /// <summary>Text that tries to change the instructions of a model.</summary>
    public static GuardCategory PromptInjection { get; } = new("prompt-injection", "Prompt Injection");
}
