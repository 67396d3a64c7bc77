package io.remitflow.identity.web;

import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** People for API clients, such as one that copies e-mail addresses from the directory of the hospital. */
@RestController
@PreAuthorize("hasAuthority('users.manage')")
class UsersRest {

    private final Users users;

    UsersRest(Users users) {
        this.users = users;
    }

    @GetMapping("/billing/users")
    List<UserBody> all() {
        return users.all().stream().map(UserBody::of).toList();
    }

    /** By this address an identity provider's people are known; null takes it away. */
    @PutMapping("/billing/users/{id}/email")
    UserBody changeEmail(@PathVariable UUID id, @RequestBody EmailBody body) {
        var user = UsersController.notMyself(id, "Somebody else must change your e-mail address");
        users.setEmail(user, body.email());
        return UserBody.of(users.find(user).orElseThrow());
    }

    record EmailBody(@Nullable String email) {}

    record UserBody(
            UUID id, String username, String name, @Nullable String email, boolean active, List<String> roles) {

        static UserBody of(Person person) {
            return new UserBody(
                    person.id().value(),
                    person.username(),
                    person.displayName(),
                    person.email(),
                    person.active(),
                    person.roles().stream().map(Role::key).sorted().toList());
        }
    }
}
