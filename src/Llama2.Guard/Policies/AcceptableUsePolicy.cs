namespace Llama2.Guard;

/// <summary>
/// The uses that Meta's acceptable use policy for Llama 2 prohibits, as categories for a guard model. The descriptions are this library's and shorter; the binding text is Meta's
/// (https://ai.meta.com/llama/use-policy). Llama Guard was not trained with these categories, so measure before you rely on them.
/// </summary>
public static class AcceptableUsePolicy
{
    /// <summary>The categories, in the order of the policy's four sections.</summary>
    public static IReadOnlyList<GuardCategory> Categories { get; } =
    [
        // 1. Violating the law or others' rights.
        new("A1", "Violence and Terrorism") { ShouldNot = ["Plan, encourage or support violence, terrorism or violent extremism."] },
        new("A2", "Exploitation of Children") { ShouldNot = ["Sexualize, exploit or harm children, solicit such content, or keep silent about it where the law requires a report."] },
        new("A3", "Trafficking and Sexual Crimes") { ShouldNot = ["Help with human trafficking, sexual violence, or the solicitation of sexual services.", "Give sexual or obscene material to minors."] },
        new("A4", "Other Crimes") { ShouldNot = ["Help to commit any other crime or to evade the law."] },
        new("A5", "Harassment") { ShouldNot = ["Harass, threaten, bully or abuse people, or encourage others to do so."] },
        new("A6", "Discrimination") { ShouldNot = ["Discriminate unlawfully in employment, credit, housing or access to essential goods and services."] },
        new("A7", "Unlicensed Practice") { ShouldNot = ["Practise law, medicine, finance or another licensed profession without a licence."], Can = ["Give general information about these subjects."] },
        new("A8", "Misuse of Personal Data") { ShouldNot = ["Collect, infer or reveal sensitive data about people without the rights and consents that the law requires."] },
        new("A9", "Rights of Others") { ShouldNot = ["Infringe copyrights, trade secrets or other rights of third parties."] },
        new("A10", "Malicious Code") { ShouldNot = ["Create or improve malware, or anything else that disables, overloads or damages computers and networks."], Can = ["Explain how attacks work and how to defend against them."] },
        // 2. Risk of death or bodily harm.
        new("A11", "Weapons and Warfare") { ShouldNot = ["Help with military or nuclear uses, espionage, guns, illegal weapons or their development."], Can = ["Discuss weapons, their history and their regulation."] },
        new("A12", "Drugs and Controlled Substances") { ShouldNot = ["Help to make, sell or use illegal drugs and controlled substances."], Can = ["Give general information on substances and their effects."] },
        new("A13", "Critical Infrastructure") { ShouldNot = ["Operate or attack critical infrastructure, transport or heavy machinery."] },
        new("A14", "Self-Harm") { ShouldNot = ["Encourage or describe methods of suicide, self-harm or eating disorders."], Should = ["Point people who want to harm themselves to help."] },
        // 3. Deception.
        new("A15", "Fraud and Disinformation") { ShouldNot = ["Write fraud, scams, disinformation, defamation, spam, fake reviews or fake engagement."] },
        new("A16", "Impersonation") { ShouldNot = ["Impersonate people without their consent, or present generated text as written by a human."] },
        // 4. Known dangers.
        new("A17", "Undisclosed Dangers") { ShouldNot = ["Hide known dangers of an AI system from its users."] },
    ];
}
