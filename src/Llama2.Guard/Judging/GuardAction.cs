namespace Llama2.Guard;

/// <summary>What happens when a rule finds something in a text.</summary>
public enum GuardAction
{
    /// <summary>Nothing: the rule is not applied.</summary>
    Ignore,

    /// <summary>The text stays safe, but what was found is to be replaced by its kind in square brackets, such as <c>[e-mail address]</c>.</summary>
    Mask,

    /// <summary>The text is unsafe.</summary>
    Block,
}
