namespace Llama2.Evaluation;

/// <summary>What makes a passage toxic.</summary>
public enum ToxicityCategory
{
    /// <summary>A vulgar word that is not directed at anyone.</summary>
    Profanity,

    /// <summary>A word that demeans a person.</summary>
    Insult,

    /// <summary>A word that demeans a group of people.</summary>
    Slur,

    /// <summary>A threat, or a call to violence or self-harm.</summary>
    Threat,
}
