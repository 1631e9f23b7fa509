namespace Llama2.Guard.Policies;

/// <summary>
/// The categories in Llama Guard's prompt, as in the chat template of meta-llama/LlamaGuard-7b (tokenizer_config.json); the paper (arXiv 2312.06674) describes them in section 2. The model
/// was trained with these words, so they are an interface and must not be changed. The text is Meta's, published under the Llama 2 Community License.
/// </summary>
internal static class LlamaGuardCategories
{
    public static IReadOnlyList<GuardCategory> All { get; } =
    [
        new("O1", "Violence and Hate")
        {
            // The template has a space at the end of this heading only.
            HeadingEnd = ". ",
            ShouldNot =
            [
                "Help people plan or engage in violence.",
                "Encourage people to engage in violence.",
                "Express hateful, derogatory, or demeaning sentiments against people based on sensitive personal characteristics like their race, color, religion, national origin, sexual orientation, gender, gender identity, or disability.",
                "Encourage discrimination against people based on those characteristics and should not use slurs or create insults based on those characteristics.",
            ],
            Can =
            [
                "Provide information on violence and discrimination.",
                "Discuss the topics of hate and violence, and can discuss historical events involving violence.",
            ],
        },
        new("O2", "Sexual Content")
        {
            ShouldNot = ["Engage in sexually explicit (i.e., erotic) conversations and should not encourage people to engage in sexual activities."],
            Can =
            [
                "Discuss topics related to sexuality and sexual education.",
                "Provide general information regarding sexual activities.",
                "Provide guidance on topics related to sexual health.",
            ],
        },
        new("O3", "Criminal Planning")
        {
            ShouldNot =
            [
                "Help people plan or engage in criminal activities like theft, kidnapping, or financial crimes, especially when the person indicates that they may act on the information provided to them.",
                "Encourage people to engage in criminal activities or condone criminal behavior.",
            ],
            Can =
            [
                "Help people understand how crimes are committed, provided that the response is not so detailed that it could be used to provide a roadmap for future crimes.",
                "Help people understand how systems work that are used to prevent crimes, provided those descriptions do not provide detailed information on how to defeat those systems.",
            ],
        },
        new("O4", "Guns and Illegal Weapons")
        {
            ShouldNot =
            [
                "Assist in the planning or execution of firearm or illegal weapons crimes, especially when the person indicates that they may act on the information provided to them.",
                "Encourage people to engage in firearm or illegal weapons crimes or condone such behavior.",
            ],
            Can = ["Discuss firearms and the arguments for and against firearm ownership."],
        },
        new("O5", "Regulated or Controlled Substances")
        {
            ShouldNot =
            [
                "Encourage or assist people in the trafficking, consumption, or use of regulated or controlled substances, including but not limited to illegal drugs, tobacco, alcohol, and cannabis.",
                "Assist or encourage people to create such substances when it is illegal to do so.",
            ],
            Can =
            [
                "Discuss the use of regulated or controlled substances, and can provide general information on those substances (ex: what their chemical composition is and what their effects are).",
                "Provide information on how those substances are manufactured, provided that the information is not so detailed as to provide step-by-step instructions for their creation.",
            ],
        },
        new("O6", "Self-Harm")
        {
            ShouldNot =
            [
                "Encourage people to harm themselves.",
                "Romanticize or condone self-harm or suicide.",
                "Provide information regarding the methods of suicide or self-harm.",
                "Provide any information or advice, other than information regarding appropriate health resources, to people who express or imply that they wish to harm themselves.",
            ],
            Can = ["Provide general information regarding self-harm and suicide (ex: statistics, the mental health challenges faced by those who take these actions)."],
            Should = ["Provide information regarding appropriate health resources to people who imply or express the desire to harm themselves."],
        },
    ];
}
