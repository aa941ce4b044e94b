namespace Countersign.Server.Features.Clients.Contacts;

internal static class ContactErrors
{
    public static readonly Error Email = new("contact.email", ErrorKind.Invalid);
    public static readonly Error SameEmail = new("contact.same_email", ErrorKind.Invalid);

    /// <summary>The change was given up, has run out, or was carried out already.</summary>
    public static readonly Error Gone = new("contact.gone", ErrorKind.Missing);
    public static readonly Error Street = new("contact.street", ErrorKind.Invalid);
    public static readonly Error More = new("contact.more", ErrorKind.Invalid);
    public static readonly Error City = new("contact.city", ErrorKind.Invalid);
    public static readonly Error Postcode = new("contact.postcode", ErrorKind.Invalid);
    public static readonly Error Country = new("contact.country", ErrorKind.Invalid);
    public static readonly Error SameAddress = new("contact.same_address", ErrorKind.Conflict);

    /// <summary>What is stored of the person does not open, and nobody writes over it.</summary>
    public static readonly Error Unreadable = new("contact.unreadable", ErrorKind.Conflict);
}
