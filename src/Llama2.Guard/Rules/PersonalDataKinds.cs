namespace Llama2.Guard;

/// <summary>Kinds of personal data that <see cref="RuleGuard"/> knows.</summary>
[Flags]
public enum PersonalDataKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>E-mail addresses with a domain that has a dot.</summary>
    EmailAddress = 1,

    /// <summary>Telephone numbers with a plus sign and 8 to 15 digits, or in the North American form of 3, 3 and 4 digits with separators.</summary>
    PhoneNumber = 2,

    /// <summary>International bank account numbers whose checksum (ISO 7064, modulo 97) and length for the country are valid.</summary>
    BankAccount = 4,

    /// <summary>Numbers of payment cards: 13 to 19 digits whose checksum (Luhn) is valid.</summary>
    PaymentCard = 8,

    /// <summary>United States social security numbers, three groups of digits with separators, in the ranges that are assigned.</summary>
    SocialSecurityNumber = 16,

    /// <summary>Internet addresses of versions 4 and 6, except those of the machine itself.</summary>
    InternetAddress = 32,

    /// <summary>All.</summary>
    All = EmailAddress | PhoneNumber | BankAccount | PaymentCard | SocialSecurityNumber | InternetAddress,
}
